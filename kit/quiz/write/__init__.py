"""Write quizzes as files that authors read and change."""
