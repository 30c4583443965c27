from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leaderboards', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='board',
            name='top',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='board',
            name='ties',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='entry',
            name='low',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='entry',
            name='high',
            field=models.FloatField(null=True),
        ),
    ]
