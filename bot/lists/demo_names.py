"""Made-up names that fit the languages of the demo's people; none belongs to anybody known."""

from collections.abc import Mapping

Names = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Women's and men's given names, then surnames."""


def _names(women: str, men: str, surnames: str) -> Names:
    return tuple(women.split()), tuple(men.split()), tuple(surnames.split())


_ENGLISH = _names(
    "Alice Grace Margaret Joan Susan Karen Emily Chloe Doreen Hannah",
    "Arthur Jack Brian Keith Daniel Harry Peter Leonard Oliver Thomas",
    "Barnes Carter Dawson Ellis Fletcher Gibson Hartley Marsh O'Brien Palmer Sykes Whitaker",
)
_SOUTH_ASIAN = _names(
    "Ayesha Fatima Nasreen Rukhsana Sadia Shazia Zainab Samina Hafsa Bushra",
    "Adeel Bilal Faisal Imran Kashif Nadeem Rashid Tariq Usman Waqas",
    "Ahmed Akhtar Hussain Iqbal Khan Mahmood Malik Mirza Qureshi Raza Shah",
)
_ARABIC = _names(
    "Amal Dalia Hanan Leila Mariam Nour Rania Salma Yasmin Zahra",
    "Ali Hassan Ibrahim Karim Khalid Mustafa Omar Samir Tarek Youssef",
    "Abbas Aziz Farouk Haddad Hamdan Jaber Mansour Nasser Saleh Younis",
)
_SLAVONIC = _names(
    "Anna Daria Elena Irina Katerina Marina Natalia Olga Svetlana Vera",
    "Alexei Andrei Boris Dmitri Ivan Mikhail Nikolai Pavel Sergei Viktor",
    "Belov Fedorov Kozlov Lebedev Morozov Orlov Pavlov Sokolov Volkov Zaitsev",
)

NAMES: Mapping[str, Names] = {
    "English": _ENGLISH,
    "Urdu": _SOUTH_ASIAN,
    "Pashto": _SOUTH_ASIAN,
    "Pahari": _SOUTH_ASIAN,
    "Punjabi": _names(
        "Amarjit Baljit Gurpreet Harpreet Jasbir Kulwinder Manjit Parminder Simran Sukhvinder",
        "Balbir Gurdeep Harjit Inderjit Jaswinder Kuldeep Manpreet Parmjit Ranjit Surjit",
        "Bains Dhaliwal Dhillon Gill Grewal Kaur Mann Sandhu Sidhu Singh",
    ),
    "Bengali": _names(
        "Farhana Jahanara Moushumi Nasima Rehana Runa Shirin Sultana Taslima Yasmin",
        "Abdul Faruk Habib Jamal Kamal Mizan Nurul Rafiq Shafiq Tanvir",
        "Begum Chowdhury Haque Islam Karim Miah Rahman Sarkar Uddin Talukdar",
    ),
    "Gujarati": _names(
        "Bhavna Daksha Hansa Jyoti Meena Nisha Pushpa Rekha Sangita Urmila",
        "Ashok Bharat Dinesh Jayesh Kiran Mahesh Nilesh Rajesh Suresh Vijay",
        "Chauhan Desai Joshi Mehta Mistry Parmar Patel Shah Solanki Trivedi",
    ),
    "Polish": _names(
        "Agnieszka Beata Ewa Joanna Katarzyna Małgorzata Magda Monika Zofia Wanda",
        "Adam Grzegorz Jakub Krzysztof Łukasz Marek Paweł Piotr Stanisław Tomasz",
        "Kamiński Kowalczyk Lewandowski Mazur Nowak Szymański Wiśniewski Wójcik Zając Zieliński",
    ),
    "Romanian": _names(
        "Alina Andreea Cristina Elena Gabriela Ioana Mihaela Ramona Simona Ștefania",
        "Adrian Bogdan Cătălin Dan Florin Ion Marius Mihai Radu Vasile",
        "Barbu Constantin Dumitru Enache Ionescu Munteanu Popescu Rusu Stan Tudor",
    ),
    "Slovak": _names(
        "Alena Božena Eva Jana Katarína Lucia Mária Zuzana",
        "Ján Jozef Juraj Ladislav Marek Martin Milan Peter",
        "Baláž Horváth Kováč Novák Polák Tóth Varga Žiga",
    ),
    "Czech": _names(
        "Alena Eva Hana Jana Lenka Lucie Petra Věra",
        "Jan Jiří Karel Martin Miroslav Pavel Petr Tomáš",
        "Černý Dvořák Horák Novák Procházka Svoboda Veselý Němec",
    ),
    "Hungarian": _names(
        "Ágnes Erzsébet Éva Ildikó Katalin Mária Zsuzsanna",
        "András Attila Ferenc Gábor István László Zoltán",
        "Balogh Farkas Horváth Kiss Molnár Nagy Szabó Varga",
    ),
    "Latvian": _names(
        "Anna Inese Ilze Kristīne Līga Ināra",
        "Andris Jānis Juris Mārtiņš Pēteris Valdis",
        "Bērziņš Kalniņš Krūmiņš Liepiņš Ozols Zariņš",
    ),
    "Arabic": _ARABIC,
    "Kurdish": _ARABIC,
    "Farsi": _names(
        "Azadeh Fereshteh Laleh Maryam Mina Parisa Shirin Zahra",
        "Ali Behrouz Dariush Hossein Kaveh Mehdi Reza Saeed",
        "Ahmadi Hosseini Jafari Karimi Moradi Rahimi Rostami Sadeghi",
    ),
    "Turkish": _names(
        "Ayşe Elif Emine Fatma Gül Hatice Meryem Zeynep",
        "Ahmet Emre Hasan Hüseyin İbrahim Mehmet Mustafa Yusuf",
        "Aydın Çelik Demir Kaya Öztürk Şahin Yıldız Yılmaz",
    ),
    "Russian": _SLAVONIC,
    "Ukrainian": _names(
        "Halyna Iryna Kateryna Liudmyla Nataliia Oksana Olena Tetiana",
        "Andrii Bohdan Ihor Mykola Oleh Oleksandr Taras Vasyl",
        "Bondar Kovalenko Kravchenko Marchenko Melnyk Petrenko Shevchuk Tkachenko",
    ),
    "Somali": _names(
        "Amina Asha Faduma Hodan Ifrah Khadra Nimco Sahra",
        "Abdi Ahmed Farah Guled Hassan Ismail Liban Yusuf",
        "Abdullahi Ali Dirie Hersi Jama Mohamud Osman Warsame",
    ),
    "Oromo": _names(
        "Ayantu Bilise Chaltu Hawi Lensa Meti",
        "Abdisa Bekele Gemechu Lelisa Tolosa Wako",
        "Ararso Bulcha Dadi Gudina Negasa Tolera",
    ),
    "Portuguese": _names(
        "Ana Beatriz Catarina Fátima Inês João Lurdes Teresa",
        "António Bruno Carlos Duarte Jorge Manuel Nuno Rui",
        "Almeida Carvalho Costa Ferreira Gonçalves Lopes Pereira Sousa",
    ),
    "Tagalog": _names(
        "Analyn Corazon Luz Marites Rosario",
        "Arnel Danilo Jun Rodel Rommel",
        "Bautista Cruz Mendoza Reyes Santos",
    ),
    "Spanish": _names(
        "Ana Carmen Isabel Lucía Pilar", "Carlos Diego Jorge Luis Pablo", "Gómez López Muñoz Ruiz Torres"
    ),
    "Italian": _names(
        "Anna Chiara Giulia Maria Rosa", "Antonio Luca Marco Paolo Sergio", "Bianchi Conti Greco Rossi Russo"
    ),
}
