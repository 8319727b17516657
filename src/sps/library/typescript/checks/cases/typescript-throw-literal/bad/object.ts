throw { status: 404, message: "no user" };
