import { defineAction } from 'astro:actions';

export const server = {
  pay: defineAction({
    handler: async () => {
      throw new RangeError('no card');
    },
  }),
};
