export const routes = [{ path: "/", errorElement: oops }];
