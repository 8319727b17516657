if (!user) throw new UserMissing("no user " + id);
throw error;
