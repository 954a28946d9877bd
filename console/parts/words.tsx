/** English text that names commands: what stands between backticks is drawn as such. */
export const Words = ({ text }: { readonly text: string }) =>
  text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text do not change places
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
