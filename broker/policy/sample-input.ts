/** Input with the right types and no meaning, for questions that are asked before there is an input: may this tool be listed, is that refused. */
import type { Json } from '../contract.ts';
import { type CedarShape, shapeInput, type ToolFacts } from './schema.ts';

/** The smallest input that Cedar accepts for the tool: required parameters only. */
export function sampleInput(tool: Pick<ToolFacts, 'name' | 'input'>): { readonly [name: string]: Json } {
  const shape = shapeInput(tool);
  return shape.type === 'Record' ? sampleRecord(shape) : {};
}

const sampleRecord = (shape: Extract<CedarShape, { type: 'Record' }>): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(shape.attributes).flatMap(([name, field]) => (field.required ? [[name, sampleValue(field)]] : [])),
  );

function sampleValue(shape: CedarShape): Json {
  switch (shape.type) {
    case 'String':
      return 'x';
    case 'Long':
      return 1;
    case 'Boolean':
      return false;
    case 'Set':
      return [];
    case 'Record':
      return sampleRecord(shape);
  }
}
