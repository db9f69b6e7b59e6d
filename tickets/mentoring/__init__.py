"""What trainees write to enterprises waits here until their mentor releases it."""
