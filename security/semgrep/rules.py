"""Examples of what the rules find and of what they leave alone; nothing runs this."""

# ruleid: statement-of-text
db.execute(f"select * from accounts where email = '{email}'")
# ruleid: statement-of-text
db.execute("select * from accounts where email = " + email)
# ruleid: statement-of-text
sa.text("select {}".format(name))
question = f"select * from {table}"
# ruleid: statement-of-text
db.execute(question)
# ok: statement-of-text
db.execute("select * from accounts where email = %s", (email,))
# ruleid: statement-of-text
db.execute(sa.select(sa.literal_column(f"lower({name})")))
# ok: statement-of-text
db.execute(sa.select(AccountRow).where(AccountRow.email.like(f"{start}%")))

# ruleid: shell
subprocess.run(command, shell=True, check=False)
# ruleid: shell
os.system(command)
# ruleid: shell
subprocess.getoutput(command)
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
# ruleid: secret-in-log
logging.debug(f"sent with {self.sms_token}")
# ruleid: secret-in-log
log.info("told", extra={"with": given.sms.get_secret_value()})
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

# ruleid: network-without-looking
httpx.get(url)
# ruleid: network-without-looking
asyncio.open_connection(host, port)
# ruleid: network-without-looking
aiohttp.ClientSession()
# ok: network-without-looking
httpx.Timeout(3)
# ok: network-without-looking
outward.dial(destination, within_s=3)

# ruleid: clock-outside-kit
datetime.datetime.now(tz)
# ruleid: clock-outside-kit
time.time()
# ok: clock-outside-kit
clock.now()

# ruleid: cookie-past-its-module
answer.set_cookie("dutchbook", token)
# ruleid: cookie-past-its-module
answer.set_cookie("dutchbook", token, secure=True, samesite="lax")
# ruleid: cookie-past-its-module
answer.headers.append("set-cookie", told)
# ruleid: cookie-past-its-module
answer.headers["set-cookie"] = told
# ok: cookie-past-its-module
answer.set_cookie("dutchbook", token, secure=is_https, httponly=True, samesite="lax")
# ok: cookie-past-its-module
cookies.keep(answer, NAME, token, settings(), lasts_s=60)

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


def leads(form: dict[str, str], request: Request) -> Response:
    next_ = form.get("next", "")
    if next_:
        # ruleid: way-on-unlooked
        return RedirectResponse(next_, 303)
    # ruleid: way-on-unlooked
    return RedirectResponse(f"{request.query_params['next']}#done", 303)


def leads_on(form: dict[str, str]) -> Response:
    next_ = way_on(form.get("next", ""))
    # ok: way-on-unlooked
    return RedirectResponse(next_, 303)


class Doors(rx.State):
    # ruleid: handler-without-door
    @rx.event
    async def open(self) -> None:
        self.told = ""

    # ruleid: handler-without-door
    @rx.event(background=True, supersedes=True)
    def live(self) -> None:
        self.told = ""

    # ok: handler-without-door
    @rx.event(background=True)
    @allow(Permission.VISIT)
    async def look(self) -> None:
        self.told = ""
