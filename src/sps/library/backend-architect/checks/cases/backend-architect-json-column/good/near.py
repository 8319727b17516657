class Form(forms.Form):
    extra = forms.CharField()


JSON = "application/json"
