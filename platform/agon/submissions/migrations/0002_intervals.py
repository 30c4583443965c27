import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='score',
            name='low',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='score',
            name='high',
            field=models.FloatField(null=True),
        ),
        migrations.CreateModel(
            name='Replicates',
            fields=[
                ('score', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='replicates', serialize=False, to='submissions.score')),
                ('values', models.BinaryField()),
            ],
            options={
                'verbose_name_plural': 'replicates',
            },
        ),
    ]
