window.sessionStorage.jwtToken = token;
