const b = <form><textarea id="t" autoFocus={true} /></form>;
