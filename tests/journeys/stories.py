"""What the people of these journeys write."""

from __future__ import annotations

#: The civil registry is slow: read by its own desk, and nobody is kept out.
SLOW = "KTP saya sudah tiga minggu belum jadi di capil, selalu disuruh kembali lagi"
#: Somebody of the civil registry asks for money: read by the Inspektorat, never by the registry.
PUNGLI = "Petugas capil minta uang 50 ribu supaya KTP saya cepat jadi"
#: Somebody of one puskesmas is rude: read by the head of Dinas Kesehatan alone.
RUDE = "Petugas Puskesmas Raya membentak saya, kasar sekali"
#: About nothing that has an office: read by the front desk.
UNCLEAR = "Sudah beberapa kali saya menunggu di sana tetapi tidak ada yang menjawab"
#: As unclear, but somebody may be accused: read at the Inspektorat.
UNCLEAR_AND_WEAK = "Oknum di kantor itu pilih pilih orang, mohon diperiksa"
#: Not ours: a power cut is PLN's.
POWER_CUT = "Listrik di rumah kami padam sejak tadi malam"
#: Perhaps ours (a street lamp), perhaps PLN's.
DARK = "Lampu di kampung kami mati terus dari PLN"
#: Asks for a place before it can be sent.
PLACELESS = "Sampah menumpuk di pinggir jalan, sudah lama tidak diangkut"
