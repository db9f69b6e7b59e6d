"""Groups of phrases that mean the same, which staff edit, beginning with the vocabulary of the field."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

GROUPS = (
    (
        "查无此票",
        "查不到",
        "没有记录",
        "无记录",
        "未找到相关记录",
        "无匹配记录",
        "系统里没有",
        "no record",
        "not found",
    ),
    ("数电发票", "数电票", "全电发票", "全面数字化的电子发票", "digital invoice", "fully digital invoice"),
    ("专票", "增值税专用发票", "special invoice"),
    ("普票", "增值税普通发票", "ordinary invoice"),
    ("红冲", "红字发票", "冲红", "red invoice", "offset"),
    ("作废", "void", "cancelled invoice"),
    ("补录", "人工补录", "manual backfill", "backfill"),
    ("查验", "验证", "查真伪", "verification", "verify"),
    ("勾选", "抵扣", "认证抵扣", "deduction", "tick"),
    ("同步", "延迟", "滞后", "更新慢", "delay", "synchronisation", "late"),
    ("上传", "报送", "upload"),
    ("批量", "批量导入", "batch"),
    ("不一致", "不符", "对不上", "mismatch", "differs"),
    ("抬头", "购买方名称", "公司名称", "company name"),
    ("税号", "纳税人识别号", "统一社会信用代码", "tax number", "tax id"),
    ("乐企", "leqi"),
    ("税务数字账户", "电子税务局", "数字账户", "digital tax account"),
    ("权限", "授权", "无权限", "permission"),
    ("登录", "登陆", "sign in", "log in"),
    ("滞纳金", "罚款", "late fee"),
    ("征期", "申报期", "申报截止", "filing deadline"),
    ("日志", "上传日志", "log"),
    ("超时", "断网", "网络中断", "timeout", "network"),
    ("版本", "升级", "更新软件", "software update"),
    ("农产品收购", "收购发票", "agricultural purchase"),
    ("客服", "热线", "12366", "hotline"),
)



def seed(apps, schema_editor):
    group, event = apps.get_model("kb", "SynonymGroup"), apps.get_model("kb", "SynonymEvent")
    now = timezone.now()
    for phrases in GROUPS:
        made = group.objects.create(phrases=list(phrases), updated_at=now)
        event.objects.create(group=made, kind="synonyms.added", at=now, data={"phrases": list(phrases)})


class Migration(migrations.Migration):

    dependencies = [
        ("kb", "0007_files_remarks_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phrases", models.JSONField(default=list)),
                ("is_used", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="SynonymEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="kb.synonymgroup"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
