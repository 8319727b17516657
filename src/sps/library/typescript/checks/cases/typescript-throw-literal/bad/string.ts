if (!user) throw "no user";
