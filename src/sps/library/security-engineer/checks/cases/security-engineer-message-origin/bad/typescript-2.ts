window.addEventListener('message', async function (e) {
  await save(JSON.parse(e.data));
});
