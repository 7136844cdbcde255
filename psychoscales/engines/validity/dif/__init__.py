"""Differential item functioning: do people with one score, of different groups, answer alike?"""
