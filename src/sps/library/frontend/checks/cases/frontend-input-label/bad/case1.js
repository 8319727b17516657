const a = <input name="mail" placeholder="E-mail" />;
