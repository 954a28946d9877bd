/** The cookies of one login, as far as this broker's authorization server uses them: name, value, path, deletion. */

export interface CookieJar {
  readonly keep: (response: Response) => void;
  /** The `Cookie` header for a path, or undefined. */
  readonly header: (path: string) => string | undefined;
}

/** For one origin only; lives as long as the login. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, { readonly value: string; readonly path: string }>();
  return {
    keep(response) {
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const [name = '', value = ''] = splitOnce(pair, '=');
        const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
        if (value === '') cookies.delete(name);
        else cookies.set(name, { value, path });
      }
    },
    header(path) {
      const sent = [...cookies].filter(([, cookie]) => path === cookie.path || path.startsWith(withSlash(cookie.path)));
      return sent.length === 0 ? undefined : sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    },
  };
}

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
