users.filter(isActive).forEach(async function (user) {
  await mail(user);
});
