"""The notebooks' pictures: matplotlib figures made from small tables, never from Spark's rows."""
