const a = <label>E-mail <input name="mail" /></label>;
const b = <><label htmlFor="m">E-mail</label><input id="m" name="mail" /></>;
