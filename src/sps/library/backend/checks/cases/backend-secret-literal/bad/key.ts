export const client = makeClient("ASIAQ3EGRZBCFHJKLMNP");
