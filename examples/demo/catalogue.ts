/** What the shop sells. In a real one this would be a table of the database. */

export interface Seed {
  readonly id: string;
  readonly name: string;
  readonly latin: string;
  readonly about: string;
  readonly sow: string;
  readonly cents: number;
}

export const seeds: readonly Seed[] = [
  {
    id: "borage",
    name: "Borage",
    latin: "Borago officinalis",
    about: "Blue stars that bees find first. They taste of cucumber.",
    sow: "April to July",
    cents: 240,
  },
  {
    id: "nasturtium",
    name: "Nasturtium",
    latin: "Tropaeolum majus",
    about: "Trails over any edge, thrives on neglect, peppers a salad.",
    sow: "April to June",
    cents: 220,
  },
  {
    id: "poppy",
    name: "Field poppy",
    latin: "Papaver rhoeas",
    about: "Scatter it on bare soil in autumn and forget about it.",
    sow: "September to March",
    cents: 190,
  },
  {
    id: "marigold",
    name: "Pot marigold",
    latin: "Calendula officinalis",
    about: "Flowers until the frost, and comes back by itself.",
    sow: "March to August",
    cents: 210,
  },
  {
    id: "cornflower",
    name: "Cornflower",
    latin: "Centaurea cyanus",
    about: "The blue of old wheat fields, for the vase and for finches.",
    sow: "March to May",
    cents: 200,
  },
  {
    id: "dill",
    name: "Dill",
    latin: "Anethum graveolens",
    about: "Sow a little every three weeks. It sulks when moved.",
    sow: "April to July",
    cents: 180,
  },
  {
    id: "broad-bean",
    name: "Broad bean",
    latin: "Vicia faba",
    about: "The first thing to sow, the first thing to eat.",
    sow: "February to April",
    cents: 320,
  },
  {
    id: "chard",
    name: "Rainbow chard",
    latin: "Beta vulgaris",
    about: "Stems in five colours. Pick the outer leaves all summer.",
    sow: "April to July",
    cents: 260,
  },
];

export function findSeed(id: string): Seed | undefined {
  return seeds.find((seed) => seed.id === id);
}

export function price(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`;
}
