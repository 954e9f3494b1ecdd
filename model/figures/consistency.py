def find_conflicts(article, figures):
    return ()
