"""An experiment on live traffic: what is kept of it, who is answered by what, what shadows say."""
