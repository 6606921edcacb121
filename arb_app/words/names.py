"""Names as people write them: sports, leagues and books by the keys that sources use."""

from typing import Final

SPORTS: Final = {"mma": "Mixed martial arts"}
LEAGUES: Final = {
    "afl": "AFL",
    "epl": "Premier League",
    "fifa_world_cup": "FIFA World Cup",
    "kbo": "KBO",
    "mlb": "MLB",
    "mls": "MLS",
    "nba": "NBA",
    "ncaab": "NCAA basketball",
    "ncaaf": "NCAA football",
    "nfl": "NFL",
    "nhl": "NHL",
    "npb": "NPB",
    "nrl": "NRL",
    "ufc": "UFC",
    "wnba": "WNBA",
    # Divisions as football-data names them
    "b1": "Belgian First Division A",
    "d1": "Bundesliga",
    "d2": "2. Bundesliga",
    "e0": "Premier League",
    "e1": "Championship",
    "e2": "League One",
    "e3": "League Two",
    "ec": "National League",
    "f1": "Ligue 1",
    "f2": "Ligue 2",
    "g1": "Super League Greece",
    "i1": "Serie A",
    "i2": "Serie B",
    "n1": "Eredivisie",
    "p1": "Primeira Liga",
    "sc0": "Scottish Premiership",
    "sc1": "Scottish Championship",
    "sc2": "Scottish League One",
    "sc3": "Scottish League Two",
    "sp1": "La Liga",
    "sp2": "La Liga 2",
    "t1": "Süper Lig",
}
BOOKS: Final = {
    "ballybet": "Bally Bet",
    "bet365": "bet365",
    "betfair_ex_au": "Betfair Exchange (AU)",
    "betfair_ex_eu": "Betfair Exchange (EU)",
    "betfair_ex_uk": "Betfair Exchange (UK)",
    "betmgm": "BetMGM",
    "betonlineag": "BetOnline.ag",
    "betparx": "betPARX",
    "betr_au": "Betr (AU)",
    "betrivers": "BetRivers",
    "betus": "BetUS",
    "bovada": "Bovada",
    "draftkings": "DraftKings",
    "espnbet": "ESPN BET",
    "fanatics": "Fanatics",
    "fanduel": "FanDuel",
    "hardrockbet": "Hard Rock Bet",
    "kalshi": "Kalshi",
    "ladbrokes_au": "Ladbrokes (AU)",
    "lowvig": "LowVig.ag",
    "mybookieag": "MyBookie.ag",
    "neds": "Neds",
    "pinnacle": "Pinnacle",
    "playup": "PlayUp",
    "pointsbetau": "PointsBet (AU)",
    "pointsbetus": "PointsBet (US)",
    "polymarket": "Polymarket",
    "sportsbet": "Sportsbet",
    "tab": "TAB",
    "tabtouch": "TABtouch",
    "unibet": "Unibet",
    "unibet_us": "Unibet (US)",
    "williamhill_us": "Caesars",
    "wynnbet": "WynnBET",
}


def tidy(key: str) -> str:
    """Return a key as text, for names that no table has.

    Examples:
        >>> tidy("table_tennis"), tidy(""), tidy("ATP Halle")
        ('Table tennis', '', 'ATP Halle')
    """
    text = key.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
