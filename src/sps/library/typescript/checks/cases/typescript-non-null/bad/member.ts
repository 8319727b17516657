export const city = (user: User) => user.address!.city;
