React.useLayoutEffect(async function () {
  await measure();
}, []);
