import pandera.polars as pa
import polars as pl


class Payments(pa.DataFrameModel):
    amount_due: float
    reminder_number: int

    @pa.dataframe_check(error="from the second reminder on, at least 50 are due")
    def is_worth_a_reminder(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select((pl.col("reminder_number") < 2) | (pl.col("amount_due") >= 50))
