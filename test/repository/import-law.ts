/**
 * The import law: which folder may import which. Read top-down, the first line whose `from` matches decides. A scan of
 * import statements enforces it, since tools that need the compiler's own API cannot read TypeScript 7.
 */
import path from 'node:path';
import type { SourceFile } from './source-files.ts';

interface Law {
  /** Folder or file that imports. */
  readonly from: RegExp;
  /** Files of this repository that it may import, besides its own folder. */
  readonly may: RegExp;
}

/** The order matters: the exceptions of a folder stand before the folder. */
export const LAWS: readonly Law[] = [
  {
    from: /^agents\//,
    may: /^(agents|tools)\/|^broker\/(contract|errors)\.ts$|^storage\/server-away\.ts$|^protocols\/(oauth\/|device\/names\.ts$)/,
  },
  { from: /^tools\//, may: /^(tools|protocols)\/|^broker\/contract\.ts$/ },
  {
    from: /^broker\/policy\//,
    may: /^broker\/(policy\/|contract\.ts|ports\.ts|errors\.ts)|^tools\/tool\.ts$|^protocols\/canonical-json\.ts$/,
  },
  { from: /^broker\/limits\//, may: /^broker\/(limits\/|contract\.ts|ports\.ts|errors\.ts)/ },
  { from: /^broker\/(execution|drivers)\//, may: /^(broker|tools|protocols|storage)\// },
  { from: /^broker\/rehearsal\//, may: /^(tools|protocols|simulators\/model)\/|^broker\/(?!drivers\/)/ },
  // The inventory keeps endpoints and credentials, whose shape is the driver's.
  { from: /^broker\/inventory\//, may: /^(tools|protocols|storage)\/|^broker\/(?!drivers\/(?!driver\.ts$))/ },
  { from: /^broker\//, may: /^(tools|protocols|storage)\/|^broker\/(?!drivers\/)/ },
  { from: /^simulators\//, may: /^(simulators|protocols)\// },
  { from: /^protocols\//, may: /^protocols\// },
  { from: /^storage\//, may: /^storage\/|^broker\/(contract|ports|errors)\.ts$/ },
  { from: /^scenarios\//, may: /^(scenarios|simulators|protocols|tools|agents)\/|^broker\/(contract|errors)\.ts$/ },
  // What judges the log shares no code with what writes it: a mistake in one cannot hide in the other.
  { from: /^apps\/verify\//, may: /^apps\/verify\// },
  { from: /^console\//, may: /^console\// },
  { from: /^apps\//, may: /./ },
];

/** Packages and built-in modules that have a home; nobody else imports them, but for their types: those load nothing. */
export const HOMES: readonly { readonly module: RegExp; readonly home: RegExp }[] = [
  { module: /^@cedar-policy\//, home: /^broker\/policy\// },
  { module: /^(langchain|@langchain\/)/, home: /^(agents|apps)\// },
  { module: /^ssh2$/, home: /^(broker\/drivers|simulators|protocols\/netconf)\// },
  { module: /^net-snmp$/, home: /^broker\/drivers\// },
  { module: /^(pg|@electric-sql\/)/, home: /^(storage|broker|apps)\// },
  {
    module: /^node:(net|tls|dgram|http2?|https|child_process|cluster|repl|inspector)/,
    home: /^(?!agents\/|tools\/|simulators\/model\/)/,
  },
  { module: /^node:(fs|os|worker_threads)/, home: /^(?!tools\/|simulators\/model\/)/ },
  // The decision itself knows no time, chance, file or network but what it is given.
  {
    module: /^node:(?!crypto$)/,
    home: /^(?!broker\/policy\/(decision-point|judge|observe|questions|obligations|schema|refusals)\.ts)/,
  },
];

const IMPORT =
  /\b(?:import|export)\b(\s+type\b)?[^'"`;()]*?\bfrom\s*(['"])([^'"]+)\2|(?<!['"/])\bimport\s*\(?\s*(['"])([^'"]+)\4/g;
/** An import whose target no scan can see. */
const COMPUTED = /\bimport\s*\(\s*[^'")\s]|\brequire\s*\(|\bcreateRequire\b/;

export interface Import {
  readonly module: string;
  readonly typeOnly: boolean;
}

/** What the file imports, in order. */
export function scanImports(text: string): readonly Import[] {
  return [...withoutComments(text).matchAll(IMPORT)].map((match) => ({
    module: match[3] ?? match[5] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** Every breach of the law in the files, one line each. */
export function findBreaches(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const law = LAWS.find(({ from }) => from.test(file.path));
    if (law === undefined) return [`${file.path}: no law covers this folder`];
    const breaches = scanImports(file.text).flatMap(({ module, typeOnly }) => {
      if (!module.startsWith('.')) {
        const away = !typeOnly && HOMES.some(({ module: name, home }) => name.test(module) && !home.test(file.path));
        return away ? [`${file.path}: ${module} is not imported here`] : [];
      }
      const target = path.posix.join(path.posix.dirname(file.path), module);
      return law.may.test(target) ? [] : [`${file.path}: may not import ${target}`];
    });
    const computed = COMPUTED.test(withoutComments(file.text)) && !file.path.startsWith('apps/');
    return computed ? [...breaches, `${file.path}: imports what cannot be read from the text`] : breaches;
  });
}
