/** JSON schemas of the types in `answers.ts`. What zod infers is asked of the compiler, which alone can work it out. */
import path from 'node:path';
import {
  ArrayType,
  type BaseType,
  BooleanType,
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  LiteralType,
  NullType,
  NumberType,
  ObjectProperty,
  ObjectType,
  SchemaGenerator,
  StringType,
  type SubNodeParser,
  TupleType,
  UndefinedType,
  UnionType,
  UnknownType,
} from 'ts-json-schema-generator';
import type { AnswerSchemas } from './build-openapi.ts';

type Program = ReturnType<typeof createProgram>;
type Checker = ReturnType<Program['getTypeChecker']>;
type Compiled = ReturnType<Checker['getTypeFromTypeNode']>;
type Node = Parameters<SubNodeParser['supportsNode']>[0];

/** `root` is the folder of the repository. */
export function makeAnswerSchemas(root: string): AnswerSchemas {
  const config = {
    ...DEFAULT_CONFIG,
    path: path.join(root, 'apps/openapi/answers.ts'),
    tsconfig: path.join(root, 'tsconfig.json'),
    type: 'Answers',
    skipTypeCheck: true, // the compiler of this repository does that
  };
  const program = createProgram(config);
  const parser = createParser(program, config, (parsers) => {
    parsers.addNodeParser(inferredParser(program.getTypeChecker()));
  });
  const { definitions = {} } = new SchemaGenerator(program, parser, createFormatter(config), config).createSchema(
    'Answers',
  );
  const named = Object.entries(definitions).filter((entry): entry is [string, object] => typeof entry[1] === 'object');
  return { definitions: Object.fromEntries(named.map(([name, schema]) => [name, { ...schema }])) };
}

function inferredParser(checker: Checker): SubNodeParser {
  return {
    supportsNode: (node) => /^(\w+<)*z\.(infer|input|output)<|^\(?typeof\b/.test(textOf(node)),
    createType: (node) => convert(checker, checker.getTypeFromTypeNode(node as never), node, 0),
  };
}

const textOf = (node: Node): string => (node.pos < 0 ? '' : node.getText());

const PLAIN: { readonly [name: string]: () => BaseType } = {
  string: () => new StringType(),
  number: () => new NumberType(),
  boolean: () => new BooleanType(),
  null: () => new NullType(),
  undefined: () => new UndefinedType(),
  unknown: () => new UnknownType(false),
  any: () => new UnknownType(false),
};
/** Deeper than anything that is answered: a type that names itself would have no end. */
const MAX_DEPTH = 12;

function convert(checker: Checker, type: Compiled, node: Node, depth: number): BaseType {
  const go = (inner: Compiled): BaseType => convert(checker, inner, node, depth + 1);
  const plain = PLAIN[checker.typeToString(type)];
  if (plain !== undefined) return plain();
  if (depth > MAX_DEPTH) return new UnknownType(false);
  if (type.isStringLiteral() || type.isNumberLiteral()) return new LiteralType(type.value);
  if (type.isUnion()) return new UnionType(type.types.map(go));
  const name = checker.typeToString(type);
  if (name === 'true' || name === 'false') return new LiteralType(name === 'true');
  const [element] = checker.getTypeArguments(type as never);
  if (checker.isTupleType(type)) return new TupleType(checker.getTypeArguments(type as never).map(go));
  if (checker.isArrayType(type) && element !== undefined) return new ArrayType(go(element));
  const properties = checker.getPropertiesOfType(type).map((symbol) => {
    const of = checker.getTypeOfSymbolAtLocation(symbol, node);
    return new ObjectProperty(symbol.getName(), go(of), (symbol.flags & OPTIONAL) === 0);
  });
  const others = checker.getIndexInfosOfType(type)[0]?.type;
  return new ObjectType(`inferred-${name}`, [], properties, others === undefined ? false : go(others));
}

/** `SymbolFlags.Optional` of the compiler. */
const OPTIONAL = 16_777_216;
