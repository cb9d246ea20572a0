"""What a person sees and answers. Nobody below knows that there is a screen."""
