const done = new Promise<void>(async function (resolve, reject) {
  await work();
  resolve();
});
