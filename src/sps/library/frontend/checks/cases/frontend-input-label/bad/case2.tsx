const b = <form><p>Country</p><select name="c"><option>AT</option></select></form>;
