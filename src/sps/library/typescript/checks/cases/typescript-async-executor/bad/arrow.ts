export const load = () =>
  new Promise(async (resolve) => {
    resolve(await read());
  });
