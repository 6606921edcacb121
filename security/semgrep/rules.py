"""Examples of what the rules find and of what they leave alone; nothing runs this."""

# ruleid: statement-of-text
db.execute(f"select * from accounts where email = '{email}'")
# ruleid: statement-of-text
db.execute("select * from accounts where email = " + email)
# ruleid: statement-of-text
sa.text("select {}".format(name))
# ok: statement-of-text
db.execute("select * from accounts where email = %s", (email,))
# ok: statement-of-text
db.execute(sa.select(AccountRow).filter_by(email=email))

# ruleid: shell
subprocess.run(command, shell=True, check=False)
# ruleid: shell
os.system(command)
# ok: shell
subprocess.run([program, argument], check=False)

# ruleid: code-of-text
eval(said)
# ruleid: code-of-text
pickle.loads(said)
# ruleid: code-of-text
yaml.load(said)
# ok: code-of-text
msgspec.json.decode(said, type=Told)

# ruleid: unverified-peer
clients.opened(verify=False)
# ruleid: unverified-peer
context.check_hostname = False
# ok: unverified-peer
other.AsyncClient(verify=context)

# ruleid: guessable-secret
reset_code = random.randint(0, 999_999)
# ruleid: guessable-secret
token = uuid4()
# ok: guessable-secret
token = secret()
# ok: guessable-secret
user_id = uuid4()

# ruleid: secret-in-log
log.info("signed in", extra={"who": account.email})
# ruleid: secret-in-log
log.warning("refused %s", password)
# ok: secret-in-log
log.info("signed in", extra={"who": account.id})

# ok: secret-in-error
raise Refused(f"the setting {name} is wrong")

# ruleid: secret-compared-in-time
token == held
# ok: secret-compared-in-time
hmac.compare_digest(token, held)
# ok: secret-compared-in-time
token == ""

# ruleid: script-from-server
rx.call_script("alert(1)")
# ruleid: script-from-server
rx.html(said)
# ok: script-from-server
rx.text(said)

# ruleid: network-outside-its-module
httpx.get(url)
# ruleid: network-outside-its-module
asyncio.open_connection(host, port)
# ok: network-outside-its-module
transport.fetch(request)

# ruleid: own-token-scheme
jwt.decode(said, key, algorithms=["none"])
# ok: own-token-scheme
sessions.resume(work, said)

# ruleid: weak-algorithm
hashlib.md5(said)
# ruleid: weak-algorithm
modes.CBC(nonce)
# ok: weak-algorithm
hashlib.sha256(said)


# ruleid: service-without-permission
async def everybody(work: Work) -> list[AccountRow]:
    return await stored.every(work.db, limit=10)


# ok: service-without-permission
async def listed(work: Work) -> list[AccountRow]:
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    return await stored.every(work.db, limit=10)


# ok: service-without-permission
async def _helper(work: Work) -> None:
    await stored.oversee(work.db)


# ruleid: oversight-before-permission
async def late(work: Work) -> None:
    await stored.oversee(work.db)
    work.subject.require(Permission.MANAGE_ACCOUNTS)


# ok: oversight-before-permission
async def early(work: Work) -> None:
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.oversee(work.db)


def tells(password: str) -> None:
    # ruleid: secret-in-error
    raise Refused(f"{password} will not do")
