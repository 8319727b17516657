throw redirect("/login");
throw Object.assign(new Error("gone"), { status: 410 });
