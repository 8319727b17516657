const a = <form onSubmit={s}><button type="button" onClick={openHelp}>?</button><button>Save</button></form>;
