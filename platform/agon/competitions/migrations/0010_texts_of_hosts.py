import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

NAMES = [
    ("overview", "Overview"),
    ("evaluation", "Evaluation"),
    ("data", "Data"),
    ("rules", "Rules"),
    ("prizes", "Prizes"),
    ("faq", "Questions and answers"),
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("competitions", "0009_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("text", models.TextField(blank=True, max_length=5000, verbose_name="text")),
                ("author_name", models.CharField(max_length=160, verbose_name="who")),
                ("has_banner", models.BooleanField(default=True, verbose_name="banner")),
                (
                    "shown_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="banner until"),
                ),
                ("told", models.PositiveIntegerField(default=0, verbose_name="people told")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="made"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "competition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="announcements",
                        to="competitions.competition",
                    ),
                ),
                (
                    "dismissed_by",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["-created_at", "-id"]},
        ),
        migrations.CreateModel(
            name="PageVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(choices=NAMES, max_length=20)),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("author_name", models.CharField(max_length=160, verbose_name="who")),
                (
                    "note",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="what has changed"
                    ),
                ),
                (
                    "saved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="saved"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "competition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="page_versions",
                        to="competitions.competition",
                    ),
                ),
            ],
            options={"ordering": ["-number"]},
        ),
        migrations.AddConstraint(
            model_name="pageversion",
            constraint=models.UniqueConstraint(
                fields=("competition", "name", "number"), name="page_version_is_unique"
            ),
        ),
    ]
