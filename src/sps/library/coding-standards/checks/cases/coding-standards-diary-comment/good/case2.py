# A changed password ends all sessions
# Updated by the trigger, never here
x = 1
