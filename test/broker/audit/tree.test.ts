/** The Merkle tree against the reference roots of Certificate Transparency, and proofs against mutation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashTree, hashLeaf, verifyConsistency, verifyInclusion } from '../../../broker/audit/tree.ts';

/** Leaves and roots of google/certificate-transparency `merkle_tree_test.cc`. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function grow(count: number): HashTree {
  const tree = new HashTree();
  for (let index = 0; index < count; index += 1) tree.append(hashLeaf(Buffer.from(String(index))));
  return tree;
}

describe('tree', () => {
  it('has the roots of the reference implementation at every size', () => {
    const tree = new HashTree();
    expect(tree.root().toString('hex')).toBe(ROOTS[0]);
    for (const [index, leaf] of LEAVES.entries()) {
      tree.append(hashLeaf(Buffer.from(leaf, 'hex')));
      expect(tree.root().toString('hex')).toBe(ROOTS[index + 1]);
    }
    expect(ROOTS.map((_, size) => tree.root(size).toString('hex'))).toEqual(ROOTS);
  });

  it('proves inclusion of every entry in every tree, and nothing else', () => {
    const tree = grow(70);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, noise) => {
        const index = at % size;
        const proof = tree.inclusionProof(index, size);
        const [leaf, root] = [tree.leaf(index), tree.root(size)];
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(tree.leaf((index + 1) % 70), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (size > 1) expect(verifyInclusion(leaf, (index + 1) % size, size, proof, root)).toBe(false);
        const cut = proof.filter((_, position) => position !== noise % proof.length);
        if (proof.length > 0) expect(verifyInclusion(leaf, index, size, cut, root)).toBe(false);
        const bent = proof.map((hash, position) => (position === noise % proof.length ? flip(hash, noise) : hash));
        if (proof.length > 0) expect(verifyInclusion(leaf, index, size, bent, root)).toBe(false);
      }),
    );
  });

  it('proves consistency of every pair of trees, and nothing else', () => {
    const tree = grow(70);
    const other = grow(70);
    other.append(hashLeaf(Buffer.from('x')));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, noise) => {
        const old = at % (size + 1);
        const proof = tree.consistencyProof(old, size);
        const [before, after] = [tree.root(old), tree.root(size)];
        expect(verifyConsistency(old, size, proof, before, after)).toBe(true);
        expect(verifyConsistency(old, size, proof, before, flip(after, noise))).toBe(old === 0);
        expect(verifyConsistency(old, size, proof, flip(before, noise), after)).toBe(false);
        expect(verifyConsistency(old, size, [...proof, after], before, after)).toBe(false);
        const bent = proof.map((hash, position) => (position === noise % proof.length ? flip(hash, noise) : hash));
        if (proof.length > 0) expect(verifyConsistency(old, size, bent, before, after)).toBe(false);
      }),
    );
  });
});

function flip(hash: Buffer, noise: number): Buffer {
  const bytes = Buffer.from(hash);
  bytes.writeUInt8(bytes.readUInt8(noise % 32) ^ (1 << (noise % 8)), noise % 32);
  return bytes;
}
