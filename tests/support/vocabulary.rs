//! The words of made-up wire copy.

pub const CREDITS: &[&str] = &["NWA", "MERIDIAN", "BALTICA", "COASTWIRE", "UPN", "TRANSDESK"];

pub const INITIALS: &[&str] = &["ako", "bel", "cfr", "dim", "elv", "fas", "gro", "hml", "iru", "jop", "kta", "lev"];

pub const CITIES: &[&str] = &[
    "Accra", "Adelaide", "Algiers", "Amman", "Ankara", "Antwerp", "Asmara", "Athens", "Baku", "Bamako", "Bangkok", "Belgrade",
    "Bergen", "Bogota", "Bratislava", "Bremen", "Bucharest", "Cairo", "Calgary", "Caracas", "Casablanca", "Colombo",
    "Copenhagen", "Dakar", "Dhaka", "Dublin", "Gdansk", "Geneva", "Ghent", "Hamburg", "Hanoi", "Harare", "Helsinki",
    "Islamabad", "Jakarta", "Kampala", "Karachi", "Kigali", "Kinshasa", "Krakow", "Kuwait City", "Lagos", "Lahore", "Leipzig",
    "Lima", "Lisbon", "Ljubljana", "Luanda", "Lusaka", "Lyon", "Madrid", "Malmo", "Manila", "Maputo", "Marseille", "Milan",
    "Minsk", "Montevideo", "Montreal", "Moscow", "Mumbai", "Nairobi", "Naples", "Odesa", "Osaka", "Oslo", "Ottawa",
    "Perth", "Porto", "Prague", "Quito", "Rabat", "Riga", "Rotterdam", "Santiago", "Sarajevo", "Seoul", "Seville", "Sofia",
    "Stockholm", "Tallinn", "Tashkent", "Tbilisi", "Tehran", "Tirana", "Tokyo", "Toronto", "Tunis", "Turin", "Valencia",
    "Vienna", "Vilnius", "Warsaw", "Wellington", "Yerevan", "Zagreb",
];

pub const FIRST_NAMES: &[&str] = &[
    "Adela", "Amir", "Anneli", "Aron", "Beatriz", "Bogdan", "Carla", "Chidi", "Dalia", "Daniel", "Edda", "Emeka", "Farah",
    "Felix", "Gerda", "Hamid", "Ilse", "Ivo", "Jelena", "Jonas", "Kamal", "Katrin", "Leila", "Ludvik", "Maren", "Mateo",
    "Nadia", "Nils", "Olena", "Oskar", "Paula", "Petar", "Rania", "Ruben", "Salma", "Stefan", "Tamar", "Tomas", "Ursula",
    "Viktor", "Wanda", "Yusuf", "Zora", "Zoltan",
];

pub const SURNAMES: &[&str] = &[
    "Abelin", "Adomako", "Almasi", "Arvidson", "Baranek", "Belkacem", "Brandvold", "Carvalhal", "Castelan", "Dahlgren",
    "Damasceno", "Drobnik", "Eskelin", "Fadlan", "Ferrante", "Gashi", "Grigorian", "Hadzic", "Halvorsen", "Ibekwe", "Ilves",
    "Janda", "Kallas", "Karimov", "Kestrel", "Kovalik", "Lindqvist", "Lozano", "Malinen", "Mbeki-Dube", "Mirza", "Nakagawa",
    "Novotna", "Okonjo", "Ostrander", "Paavola", "Petrossian", "Quispe", "Rasmussen", "Rezaei", "Rosetti", "Salazar",
    "Sandoval", "Sobol", "Tanaka", "Tchaikan", "Tervo", "Ulmanis", "Vandermeer", "Varga", "Weidlich", "Wrobel", "Yildiz",
    "Zamfir", "Zielinska",
];

pub const ROLES: &[&str] = &[
    "chairwoman", "chief economist", "deputy head", "director", "former secretary", "general counsel", "lead engineer",
    "president", "researcher", "secretary general", "senior adviser", "spokesman", "spokeswoman", "treasurer",
    "vice president",
];

pub const REPORTED: &[&str] = &[
    "added", "announced", "argued", "claimed", "conceded", "confirmed", "declared", "disclosed", "estimated", "explained",
    "insisted", "noted", "reported", "said", "stressed", "suggested", "told reporters", "warned", "wrote",
];

pub const VERBS: &[&str] = &[
    "abandoned", "absorbed", "accelerated", "approved", "backed", "blocked", "boosted", "bought", "challenged", "closed",
    "completed", "condemned", "contested", "curbed", "cut", "defended", "delayed", "discussed", "disrupted", "doubled",
    "eased", "endorsed", "examined", "expanded", "extended", "favoured", "financed", "halted", "imported", "inspected",
    "joined", "launched", "leased", "linked", "lowered", "matched", "merged", "monitored", "moved", "opened", "opposed",
    "outlined", "outpaced", "postponed", "praised", "prepared", "protected", "questioned", "raised", "rebuilt", "reduced",
    "regulated", "rejected", "renewed", "replaced", "rescued", "restored", "reviewed", "revived", "secured", "shelved",
    "slowed", "split", "strained", "supported", "surpassed", "suspended", "tested", "toured", "transferred", "undercut",
    "unveiled", "upgraded", "vetoed", "welcomed", "widened",
];

pub const INTENTIONS: &[&str] = &[
    "abolish", "adapt", "advertise", "auction", "ban", "build", "centralise", "certify", "debate", "digitise", "document",
    "electrify", "enlarge", "evaluate", "export", "fund", "inherit", "insure", "investigate", "license", "map", "modernise",
    "nationalise", "negotiate", "preserve", "privatise", "publish", "ration", "redesign", "reopen", "repair", "settle",
    "simplify", "study", "subsidise", "survey", "tax", "train", "transform", "withdraw",
];

pub const ADJECTIVES: &[&str] = &[
    "abundant", "alpine", "ambitious", "ancient", "annual", "autumn", "bilateral", "brittle", "cautious", "central",
    "cheaper", "civic", "coastal", "colonial", "compact", "contested", "costly", "crowded", "damaged", "deep", "delicate",
    "dense", "detailed", "digital", "distant", "domestic", "dry", "durable", "early", "eastern", "efficient", "elderly",
    "emerging", "faulty", "federal", "fertile", "flooded", "foreign", "former", "fragile", "frozen", "generous", "global",
    "growing", "hasty", "hidden", "historic", "humid", "hybrid", "idle", "illegal", "inland", "joint", "large", "lasting",
    "legal", "light", "local", "lucrative", "marine", "massive", "medical", "mobile", "modest", "municipal", "narrow",
    "neglected", "northern", "obsolete", "offshore", "older", "organic", "overdue", "patchy", "patient", "polar",
    "popular", "portable", "private", "promising", "public", "quiet", "rapid", "rare", "reliable", "remote", "rising",
    "rural", "scarce", "scattered", "seasonal", "secret", "shallow", "shared", "skilled", "slender", "southern", "spare",
    "stable", "steep", "strict", "stubborn", "sturdy", "surplus", "temporary", "tidal", "tiny", "traditional", "unpaid",
    "unusual", "urban", "urgent", "vacant", "valuable", "volatile", "weak", "wealthy", "western", "winter", "wooden",
];

pub const ABSTRACTS: &[&str] = &[
    "agreement", "alliance", "appeal", "arrangement", "audit", "ballot", "benchmark", "blueprint", "budget", "campaign",
    "charter", "claim", "commission", "compromise", "concession", "consensus", "contract", "council", "credit", "deadline",
    "deficit", "demand", "dispute", "doctrine", "draft", "exchange", "failure", "forecast", "framework", "grant", "growth",
    "initiative", "inquiry", "levy", "mandate", "market", "merger", "model", "monopoly", "network", "offer", "partnership",
    "permit", "petition", "pledge", "policy", "premium", "programme", "proposal", "protocol", "quota", "rebate",
    "referendum", "reform", "register", "remedy", "reserve", "ruling", "scheme", "shortage", "standard", "strategy",
    "subsidy", "survey", "tariff", "tender", "treaty", "trial", "truce", "verdict", "warranty",
];

pub const GOODS: &[&str] = &[
    "aircraft", "aluminium", "apple", "asphalt", "bakery", "barley", "battery", "biscuit", "bridge", "bronze", "bus",
    "cable", "canal", "cattle", "cement", "ceramic", "chemical", "citrus", "cocoa", "coffee", "copper", "cotton", "crane",
    "dairy", "diesel", "elevator", "engine", "ferry", "fertiliser", "fibre", "film", "fishing", "flour", "freight",
    "fruit", "furniture", "garment", "gas", "glass", "grain", "granite", "graphite", "harbour", "helicopter", "herring",
    "honey", "hospital", "jute", "laundry", "leather", "lemon", "lignite", "lithium", "lumber", "maize", "medicine",
    "metro", "milk", "museum", "mushroom", "nickel", "olive", "onion", "orchard", "paper", "pharmacy", "pipeline", "plum",
    "poultry", "printing", "railway", "rice", "rubber", "rye", "salmon", "salt", "satellite", "school", "seaweed", "shrimp",
    "silk", "silver", "software", "solar", "steel", "sugar", "tea", "textile", "theatre", "timber", "tin", "tobacco",
    "tram", "turbine", "uranium", "vaccine", "vineyard", "wheat", "wind", "wool", "zinc",
];

pub const EVENTS: &[&str] = &[
    "accident", "anniversary", "arrest", "auction", "avalanche", "blackout", "boycott", "ceremony", "championship",
    "collapse", "concert", "conference", "congress", "drought", "earthquake", "election", "epidemic", "evacuation",
    "excavation", "exhibition", "expedition", "explosion", "fair", "festival", "fire", "flood", "heatwave", "hearing",
    "landslide", "lockout", "march", "marathon", "outage", "parade", "protest", "raid", "regatta", "rescue", "robbery",
    "sale", "shipwreck", "shutdown", "spill", "storm", "strike", "summit", "tournament", "vote", "walkout",
];

pub const FIELDS: &[&str] = &[
    "agriculture", "archive", "aviation", "banking", "climate", "commerce", "competition", "culture", "customs", "defence",
    "education", "energy", "finance", "fisheries", "forestry", "health", "housing", "immigration", "insurance", "irrigation",
    "justice", "labour", "landscape", "library", "mining", "pension", "planning", "police", "postal", "procurement",
    "research", "sanitation", "science", "security", "shipping", "sports", "statistics", "telecom", "tourism", "trade",
    "transport", "water", "welfare", "youth",
];

pub const PLACES: &[&str] = &[
    "airfields", "barracks", "bays", "beaches", "borders", "bunkers", "cathedrals", "caves", "cemeteries", "cliffs",
    "corridors", "courtyards", "dams", "deltas", "depots", "districts", "docks", "dunes", "estates", "factories", "farms",
    "forests", "fortresses", "gardens", "glaciers", "gorges", "hangars", "hills", "islands", "junctions", "lagoons", "lakes",
    "marshes", "meadows", "mines", "monasteries", "observatories", "palaces", "parks", "pastures", "peninsulas", "piers",
    "plains", "plateaus", "ports", "quarries", "reefs", "refineries", "rivers", "shipyards", "squares", "stadiums",
    "stations", "suburbs", "terminals", "towers", "tunnels", "valleys", "villages", "warehouses", "wetlands", "workshops",
];

pub const TIMES: &[&str] = &[
    "after a night of talks", "after weeks of silence", "ahead of the harvest", "at the weekend", "before dawn",
    "by the end of the month", "despite earlier doubts", "during the recess", "for the first time", "in a late session",
    "in a televised address", "in a written reply", "in early spring", "last week", "late on Monday", "on Friday",
    "on Thursday", "on Tuesday", "on Wednesday", "over the holidays", "shortly after noon", "since the autumn",
    "this quarter", "this season", "under heavy rain", "within hours", "without a vote", "without notice",
];

pub const ADVERBS: &[&str] = &[
    "abruptly", "again", "barely", "briefly", "broadly", "carefully", "clearly", "closely", "eventually", "finally",
    "firmly", "formally", "frequently", "gradually", "hardly", "jointly", "largely", "mostly", "narrowly", "nearly",
    "officially", "openly", "partly", "quickly", "quietly", "rarely", "reluctantly", "repeatedly", "sharply", "slowly",
    "steadily", "suddenly", "swiftly", "temporarily", "unexpectedly", "unofficially", "usually", "widely",
];

pub const PURPOSES: &[&str] = &[
    "against mounting losses", "as a matter of principle", "at half the cost", "at the request of residents",
    "before the frost sets in", "by popular demand", "for a generation", "for lack of staff", "for the sake of exports",
    "in exchange for guarantees", "in line with court orders", "in spite of debts", "on borrowed money",
    "on technical grounds", "out of the reserve", "subject to inspection", "to avoid bottlenecks", "to bring prices down",
    "to calm investors", "to honour a promise", "to keep pace with neighbours", "to meet demand", "to please voters",
    "to prevent accidents", "to protect wages", "to save fuel", "under a new law", "under public pressure",
    "with foreign partners", "with private backing",
];
