from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_POST

from advocacy_site.typed_text import TYPED, without_controls

from ..models import Picture
from ..pictures import (
    MOST_BYTES,
    TOO_LARGE,
    RefusedPicture,
    add_picture,
    clean_picture,
    keep_picture,
    possible_names,
)
from ..rights import may_choose_pictures, visible_pictures
from ..where_used import articles_using
from .used import KnowsWhereUsed


class PictureForm(forms.ModelForm):
    """Chooses a file by a plain field: what is kept is never the file that was sent."""

    file = forms.FileField(
        label="Picture file",
        help_text=f"JPEG, PNG, WebP, AVIF or GIF, {MOST_BYTES >> 20} MB or less.",
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}
        ),
    )

    class Meta:
        model = Picture
        fields = ["file", "name", "alt", "credit"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["file"].required = False
            self.fields["file"].label = "Replace the picture file"
            if "name" in self.fields and articles_using(self.instance).exists():
                self.fields["name"].disabled = True
                self.fields["name"].help_text = "Articles name it so: the name stays."
        else:
            self.fields["name"].required = False
            self.fields["name"].help_text += " Empty: the name of the file."

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file:
            return None
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        try:
            self.clean_picture = clean_picture(file.read())
        except RefusedPicture as refused:
            raise forms.ValidationError(str(refused)) from refused
        return file

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("name") and cleaned.get("file"):
            cleaned["name"] = free_name(cleaned["file"].name)
        return cleaned


@admin.register(Picture)
class PictureAdmin(KnowsWhereUsed, admin.ModelAdmin):
    formfield_overrides = TYPED
    form = PictureForm
    list_display = ["thumbnail", "name", "alt", "size", "uploaded_at", "where_used"]
    list_display_links = ["thumbnail", "name"]
    list_per_page = 40
    search_fields = ["name", "alt"]

    def get_urls(self):
        upload = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", upload, name="articles_picture_upload"), *super().get_urls()]

    def upload_view(self, request):
        """Who writes: a file dropped into a text becomes a picture there, and hers."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return upload(request)

    def has_module_permission(self, request):
        return super().has_module_permission(request) or may_choose_pictures(request.user)

    def has_view_permission(self, request, obj=None):
        if super().has_view_permission(request, obj):
            return True
        if not may_choose_pictures(request.user):
            return False
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request):
        return super().has_add_permission(request) or may_choose_pictures(request.user)

    def has_change_permission(self, request, obj=None):
        """Also whoever brought it, until readers see it: what they see is an editor's to change."""
        return super().has_change_permission(request, obj) or self.is_hers(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) or self.is_hers(request.user, obj)

    def is_hers(self, user, picture) -> bool:
        return (
            picture is not None
            and may_choose_pictures(user)
            and picture.uploaded_by_id == user.pk
            and not articles_using(picture).exclude(published_at=None).exists()
        )

    def get_queryset(self, request):
        return visible_pictures(request.user, super().get_queryset(request))

    def save_model(self, request, obj, form, change):
        if form.cleaned_data.get("file"):
            keep_picture(obj, form.clean_picture, by=request.user)
        else:
            super().save_model(request, obj, form, change)

    @admin.display(description="picture")
    def thumbnail(self, picture):
        return render_to_string("admin/articles/_thumbnail.html", {"picture": picture})

    @admin.display(description="pixels", ordering="width")
    def size(self, picture):
        return f"{picture.width} × {picture.height}"


@require_POST
def upload(request):
    """Answer in the form the editor's script knows: what to put at the cursor, also a refusal."""
    file = request.FILES.get("image")
    if file is None:
        return JsonResponse({"image_code": "(Choose a picture file.)"}, status=400)
    try:
        if file.size > MOST_BYTES:
            raise RefusedPicture(TOO_LARGE)
        alt = without_controls(request.POST.get("alt", "").replace("\x00", ""))[:250]
        picture = add_picture(file.name, file.read(), alt=alt, by=request.user)
    except RefusedPicture as refused:
        return JsonResponse({"image_code": f"(The picture was not taken. {refused})"}, status=400)
    code = f"![What it shows](picture:{picture.name})"
    return JsonResponse({"image_code": code, "name": picture.name})


def free_name(file_name: str) -> str:
    names = possible_names(file_name)
    return next(name for name in names if not Picture.objects.filter(name=name).exists())
