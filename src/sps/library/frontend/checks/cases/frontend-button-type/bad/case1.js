const a = <form onSubmit={s}><button onClick={openHelp}>?</button></form>;
