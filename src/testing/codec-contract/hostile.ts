/** Whatever the bytes: an `UndecodableError` or data, never a partial value, and nothing outside is touched. */
import assert from "node:assert";
import { UndecodableError } from "../../errors.ts";
import type { Chance } from "./chance.ts";
import {
  assertHarmless,
  assertNothingReached,
  assertSame,
  assertUndecodable,
  nameOf,
  thrownBy,
  withSeeds,
} from "./checks.ts";
import type { Definition, Scene } from "./harness.ts";
import { examplesOf } from "./kinds.ts";
import { replaceText } from "./readable.ts";

export const hostileCases: readonly Definition[] = [
  {
    name: "truncated: every beginning of its bytes is undecodable",
    needs: ["untrustedSafe"],
    run(scene) {
      const bytes = scene.encode([samples(scene)]);
      assertNothingReached(() => {
        for (let length = 0; length < bytes.byteLength; length++) {
          assertUndecodable(
            scene,
            bytes.subarray(0, length),
            `the first ${length} of ${bytes.byteLength} bytes`,
          );
        }
      });
    },
  },
  {
    name: "continued: its bytes with one more behind them are undecodable",
    needs: ["untrustedSafe"],
    run(scene) {
      const bytes = scene.encode([samples(scene)]);
      for (const more of [0x00, 0x01, 0x22, 0x5b, 0x7d, 0x80, 0xc0, 0xff]) {
        assertUndecodable(scene, Uint8Array.of(...bytes, more), `followed by the byte ${more}`);
      }
      assertUndecodable(scene, Buffer.concat([bytes, bytes]), "twice the same");
    },
  },
  {
    name: "damaged: bytes with any one bit flipped are undecodable or data",
    needs: ["untrustedSafe"],
    run(scene) {
      const bytes = scene.encode([samples(scene)]);
      assertNothingReached(() => {
        for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
          assertHarmless(scene, flipped(bytes, bit), `bit ${bit} flipped`);
        }
      });
    },
  },
  {
    name: "damaged: bytes changed at random are undecodable or data",
    needs: ["untrustedSafe"],
    run(scene) {
      assertNothingReached(() => {
        withSeeds(scene, (chance) => {
          const bytes = scene.encode([chance.value(scene.carries)]);
          for (let damage = 0; damage < 10; damage++) {
            assertHarmless(scene, damaged(bytes, chance), "damaged bytes");
          }
        });
      });
    },
  },
  {
    name: "random: any bytes are undecodable or data",
    needs: ["untrustedSafe"],
    run(scene) {
      assertNothingReached(() => {
        withSeeds(scene, (chance) => assertHarmless(scene, chance.bytes(chance.below(60)), "random bytes"));
      });
    },
  },
  {
    name: "damaged: the next session is read as if nothing had been",
    needs: ["untrustedSafe"],
    run(scene) {
      const value = [samples(scene)];
      const bytes = scene.encode(value);
      for (const part of [bytes.subarray(0, bytes.byteLength >> 1), Uint8Array.of(0xc1), new Uint8Array()]) {
        thrownBy(() => scene.decode(part));
        assertSame(scene.decode(bytes), value);
      }
    },
  },
  {
    name: "damaged: the error quotes nothing of the data",
    run(scene) {
      const bytes = scene.encode([{ password: "hunter2hunter2" }]);
      for (let cut = 1; cut < bytes.byteLength; cut++) {
        const error = thrownBy(() => scene.decode(bytes.subarray(0, cut)));
        if (error === undefined) continue;
        assert.ok(error instanceof UndecodableError, `expected an UndecodableError, got ${nameOf(error)}`);
        assert.ok(!/hunter|passw/.test(`${error.message} ${String(error.cause)}`), "it quotes the data");
      }
    },
  },
  {
    name: "keys: __proto__ in the bytes is undecodable",
    needs: ["untrustedSafe", "readable"],
    run(scene) {
      for (const value of [{ aaprotoaa: { polluted: 1 } }, { a: [{ aaprotoaa: null, b: 1 }] }]) {
        const bytes = replaceText(scene.encode([value]), "aaprotoaa", "__proto__");
        assertNothingReached(() => assertUndecodable(scene, bytes, "a key named __proto__"));
      }
    },
  },
  {
    name: "keys: the same one twice in an object is undecodable",
    needs: ["untrustedSafe", "readable"],
    run(scene) {
      for (const value of [{ keyone: 1, keytwo: 2 }, { a: [{ keyone: {}, b: 1, keytwo: {} }] }]) {
        assertUndecodable(scene, replaceText(scene.encode([value]), "keytwo", "keyone"), "a key twice");
      }
    },
  },
];

export const sealingCases: readonly Definition[] = [
  {
    name: "sealed: bytes with any one bit flipped are undecodable",
    needs: ["sealed"],
    run(scene) {
      const bytes = scene.encode([{ cart: ["tea"] }]);
      for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
        assertUndecodable(scene, flipped(bytes, bit), `bit ${bit} flipped`);
      }
    },
  },
  {
    name: "sealed: the bytes of one session are undecodable as another's",
    needs: ["sealed"],
    run({ codec, encode }) {
      const limits = { maxBytes: 1000, maxDepth: 64 };
      const error = thrownBy(() => codec.decode(encode([1]), { id: "BBBBBBBBBBBBBBBBBBBBBA", limits }));
      assert.ok(error instanceof UndecodableError, `expected an UndecodableError, got ${nameOf(error)}`);
    },
  },
];

/** A little of everything it carries. */
function samples({ carries }: Scene): unknown {
  return {
    text: 'a"\\<&\r é漢\u{1f600}',
    numbers: [-1, 200, 2 ** 40, 1.5],
    rest: [null, true, {}, [], { constructor: "x" }],
    kinds: carries.map((kind) => examplesOf[kind]().at(-1)),
  };
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Replaced, repeated, cut out or moved. */
function damaged(bytes: Uint8Array, chance: Chance): Uint8Array {
  let result = bytes;
  for (let times = chance.below(3); times >= 0; times--) {
    const [from, to] = [chance.below(result.length + 1), chance.below(result.length + 1)];
    const piece = result.subarray(from, from + chance.below(8));
    const middle = [chance.bytes(1), piece, new Uint8Array(), new Uint8Array(4).fill(0xff)][chance.below(4)];
    result = Buffer.concat([result.subarray(0, to), middle ?? piece, result.subarray(to + chance.below(3))]);
  }
  return new Uint8Array(result);
}
