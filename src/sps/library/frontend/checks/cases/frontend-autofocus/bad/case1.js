const a = <input id="n" name="name" autoFocus />;
