//! On the board, by a probe: `cargo test --release`. Erases what the gateway has noted.
#![no_std]
#![no_main]

#[cfg(test)]
#[embedded_test::tests]
mod tests {
    use defmt_rtt as _;
    use embassy_rp::flash::ERASE_SIZE;
    use embassy_time::{Duration, Instant, Timer};
    use embedded_storage_async::nor_flash::NorFlash;
    use pico_w5500::{board::Board, flash};

    const SECTOR: u32 = ERASE_SIZE as u32;

    /// Panics if no W5500 answers.
    #[init]
    async fn init() -> Board {
        Board::start().await
    }

    /// Also that an erase takes no longer than the gateway is told.
    #[test]
    async fn what_is_written_is_read_back(mut board: Board) {
        let begin = flash::GATEWAY.start;
        let started = Instant::now();
        defmt::unwrap!(NorFlash::erase(&mut board.flash, begin, begin + SECTOR).await);
        let took = started.elapsed();
        defmt::info!("an erase of 4 KiB took {=u64} ms", took.as_millis());
        defmt::assert!(took <= Duration::from_millis(flash::ERASE_MILLIS.into()));
        let mut word = [0; 8];
        defmt::unwrap!(board.flash.blocking_read(begin, &mut word));
        defmt::assert_eq!(word, [0xFF; 8]);
        defmt::unwrap!(NorFlash::write(&mut board.flash, begin, &[0x5A; 8]).await);
        defmt::unwrap!(board.flash.blocking_read(begin, &mut word));
        defmt::assert_eq!(word, [0x5A; 8]);
        defmt::unwrap!(NorFlash::erase(&mut board.flash, begin, begin + SECTOR).await);
    }

    #[test]
    async fn the_clock_goes_on_while_the_program_waits(_board: Board) {
        let started = Instant::now();
        Timer::after_millis(100).await;
        let took = started.elapsed();
        defmt::assert!((Duration::from_millis(100)..Duration::from_millis(110)).contains(&took));
    }
}
