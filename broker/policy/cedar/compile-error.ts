/** A construct that the compiler does not cover: the policies that use it are not activated. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
}
